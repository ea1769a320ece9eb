noinst_LIBRARIES += src/html/libhtml.a
src_html_libhtml_a_SOURCES = \
	src/html/dom.c src/html/dom.h \
	src/html/dom_build.c src/html/dom_build.h \
	src/html/dom_gumbo.c src/html/dom_gumbo.h src/html/gumbo_tags.def \
	src/html/article.h src/html/base.c src/html/base.h src/html/charset.h src/html/forms.h src/html/links.h src/html/markdown.h src/html/meta.h src/html/selector.h src/html/text.h \
	src/html/base.c src/html/base.h src/html/charset.h src/html/forms.h src/html/links.h src/html/meta.h src/html/selector.h src/html/text.c src/html/text.h \
	src/html/markdown.c src/html/md_block.c src/html/md_block.h src/html/md_code.c src/html/md_code.h \
	src/html/md_emit.c src/html/md_emph.c src/html/md_inline.c src/html/md_inline.h src/html/md_leaf.c \
	src/html/md_list.c src/html/md_math.c src/html/md_notes.c src/html/md_notes.h src/html/md_table.c \
	src/html/md_table.h src/html/md_walk.h \
	src/html/names.c src/html/names.h src/html/names.def \
	src/html/parse.c \
	src/html/serialize.c
HTML_LIBS = src/html/libhtml.a $(GUMBO_LIBS)
