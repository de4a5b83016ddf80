/* The page's script and style, bundled from web/report at build time (web/build). */
#ifndef REPORT_REPORT_ASSET_H
#define REPORT_REPORT_ASSET_H

#include <stddef.h>

extern const char report_asset_script[];
extern const size_t report_asset_script_bytes;
extern const char report_asset_script_sha256[]; /* base64, for the page's content security policy */
extern const char report_asset_style[];
extern const size_t report_asset_style_bytes;

#endif
