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
src_html_libhtml_a_SOURCES =
src_html_libhtml_a_SOURCES += src/html/article.h
src_html_libhtml_a_SOURCES += src/html/base.h
src_html_libhtml_a_SOURCES += src/html/charset.h
src_html_libhtml_a_SOURCES += src/html/dom.c src/html/dom.h
src_html_libhtml_a_SOURCES += src/html/dom_build.c src/html/dom_build.h
src_html_libhtml_a_SOURCES += src/html/dom_gumbo.c src/html/dom_gumbo.h src/html/gumbo_tags.def
src_html_libhtml_a_SOURCES += src/html/forms.h
src_html_libhtml_a_SOURCES += src/html/links.h
src_html_libhtml_a_SOURCES += src/html/markdown.h
src_html_libhtml_a_SOURCES += src/html/meta.h
src_html_libhtml_a_SOURCES += src/html/names.c src/html/names.h src/html/names.def
src_html_libhtml_a_SOURCES += src/html/parse.c
src_html_libhtml_a_SOURCES += src/html/selector.h src/html/selector_impl.h src/html/selector_states.def
src_html_libhtml_a_SOURCES += src/html/selector_form.c
src_html_libhtml_a_SOURCES += src/html/selector_lex.c src/html/selector_lex.h
src_html_libhtml_a_SOURCES += src/html/selector_match.c
src_html_libhtml_a_SOURCES += src/html/selector_parse.c src/html/selector_parse.h
src_html_libhtml_a_SOURCES += src/html/selector_pseudo.c
src_html_libhtml_a_SOURCES += src/html/selector_query.c
src_html_libhtml_a_SOURCES += src/html/selector_struct.c
src_html_libhtml_a_SOURCES += src/html/serialize.c
src_html_libhtml_a_SOURCES += src/html/text.c src/html/text.h
HTML_LIBS = src/html/libhtml.a $(GUMBO_LIBS)
