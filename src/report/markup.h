/* Text from data inside markup: whatever a group, a file or a message is called, it stays text. */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

#include "base/text.h"

/* XML and HTML, in elements and in quoted attributes. What XML 1.0 cannot hold becomes U+FFFD. */
void markup_xml(struct text *text, const char *utf8);
/* JSON that stands inside <script>: nothing in it can end the element. */
void markup_script_json(struct text *text, const char *json);
/* GitHub-flavoured Markdown as prose: no markup, no HTML, nobody is mentioned, one line. */
void markup_md(struct text *text, const char *utf8);
/* As a code span, also inside a table. */
void markup_md_code(struct text *text, const char *utf8);
/* As a fenced block of shell lines. */
void markup_md_command(struct text *text, const char *utf8);

#endif
