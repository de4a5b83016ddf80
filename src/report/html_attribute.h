/* One section per attribute: its estimates, groups, curves and findings. */
#ifndef REPORT_HTML_ATTRIBUTE_H
#define REPORT_HTML_ATTRIBUTE_H

#include "report/html_parts.h"

/* Has the attribute anything to show: an estimate, a curve or a finding. */
bool html_attribute_is_there(const json_t *root, const char *attribute);
/* The section #attribute. Tables of groups stop once the page has grown to `most_bytes`. */
void html_attribute(struct html *html, const char *attribute, size_t most_bytes);

#endif
