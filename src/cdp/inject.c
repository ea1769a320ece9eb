/*
 * The functions that run inside pages, in an isolated world: the page's own scripts can neither see nor patch them.
 * All are expressions of one object literal; page_help() calls K.name(...args).
 */
#include "base/first.h"
#include "cdp/page_impl.h"

const char page_helpers[] =
	"globalThis.K||(globalThis.K={"
	/* Depth first through open shadow roots, like a person sees the page. */
	"all(s){const out=[],walk=r=>{out.push(...r.querySelectorAll(s));"
	"for(const e of r.querySelectorAll('*'))if(e.shadowRoot)walk(e.shadowRoot)};walk(document);return out},"
	"one(s){return document.querySelector(s)||this.all(s)[0]||null},"
	"ok(s){try{document.querySelector(s);return true}catch(e){return false}},"
	"seen(e){if(!e||!e.isConnected)return false;const r=e.getBoundingClientRect();if(!r.width||!r.height)return "
	"false;"
	"const c=getComputedStyle(e);return c.visibility!=='hidden'&&c.display!=='none'},"
	"visible(s){return this.seen(this.all(s).find(e=>this.seen(e)))},"
	/* Resolves when a match is visible; looks again on each mutation, and now and then for what only styles change.
	 */
	"wait(s,ms){return new Promise(done=>{const look=()=>{if(this.visible(s)){stop();done(true)}};"
	"const o=new MutationObserver(look),t=setInterval(look,100),end=setTimeout(()=>{stop();done(false)},ms);"
	"const stop=()=>{o.disconnect();clearInterval(t);clearTimeout(end)};"
	"o.observe(document,{subtree:true,childList:true,attributes:true});look()})},"
	/* Milliseconds since the last mutation. */
	"quiet(){if(!this.o){this.t=performance.now();this.o=new MutationObserver(()=>{this.t=performance.now()});"
	"this.o.observe(document,{subtree:true,childList:true,characterData:true,attributes:true})}"
	"return performance.now()-this.t},"
	/* Where to click, or why not yet. The point must hit the element itself, not something that covers it. */
	"async aim(s){const e=this.all(s).find(x=>this.seen(x))||this.one(s);if(!e)return{why:'missing'};"
	"e.scrollIntoView({block:'center',inline:'center',behavior:'instant'});"
	"if(!this.seen(e))return{why:'hidden'};if(e.disabled||e.closest('fieldset:disabled'))return{why:'disabled'};"
	"const a=e.getBoundingClientRect();await new Promise(r=>setTimeout(r,16));const b=e.getBoundingClientRect();"
	"if(Math.abs(a.x-b.x)>1||Math.abs(a.y-b.y)>1)return{why:'moving'};"
	"const q=[...e.getClientRects()].find(r=>r.width&&r.height)||b,x=q.x+q.width/2,y=q.y+q.height/2;"
	"let "
	"h=document.elementFromPoint(x,y);while(h&&h.shadowRoot&&h.shadowRoot.elementFromPoint(x,y)&&h.shadowRoot."
	"elementFromPoint(x,y)!==h)"
	"h=h.shadowRoot.elementFromPoint(x,y);"
	"const up=n=>n.parentNode||n.host;for(let n=h;n;n=up(n))if(n===e)return{x,y};"
	"const l=e.closest('label')||(e.labels&&e.labels[0]);if(l&&h&&(l===h||l.contains(h)))return{x,y};"
	"if(h&&h.tagName==='LABEL'&&h.control===e)return{x,y};return{why:'covered',x,y}},"
	/* Focuses and selects what is there, so that inserted text replaces it; selects and pickers are set at once. */
	"ready(s,v){const e=this.all(s).find(x=>this.seen(x))||this.one(s);if(!e)return{why:'missing'};"
	"if(e.disabled||e.readOnly)return{why:'disabled'};const n=e.tagName,t=(e.type||'').toLowerCase();"
	"const tell=()=>{e.dispatchEvent(new Event('input',{bubbles:true}));e.dispatchEvent(new "
	"Event('change',{bubbles:true}))};"
	"if(n==='SELECT'){const o=[...e.options].find(o=>o.value===v||o.label===v||o.text.trim()===v);"
	"if(!o)return{why:'option'};o.selected=true;tell();return{set:true}}"
	"if(n==='INPUT'&&['color','date','datetime-local','month','range','time','week'].includes(t)){e.focus();e."
	"value=v;tell();return{set:true}}"
	"if(n==='INPUT'&&['checkbox','radio','file','button','submit','reset','image'].includes(t))return{why:'type'};"
	"if(n!=='INPUT'&&n!=='TEXTAREA'&&!e.isContentEditable)return{why:'type'};"
	"e.scrollIntoView({block:'center',behavior:'instant'});e.focus();"
	"if(e.select)e.select();else{const r=document.createRange();r.selectNodeContents(e);const "
	"g=getSelection();g.removeAllRanges();g.addRange(r)}"
	"return{}},"
	"scroll(y){const "
	"e=document.scrollingElement||document.documentElement,b=e.scrollTop;window.scrollBy(0,y);return "
	"e.scrollTop-b},"
	"html(){return document.documentElement?document.documentElement.outerHTML:''},"
	"title(){return document.title},"
	"url(){return location.href}"
	"});";
