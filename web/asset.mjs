// Turns the bundle and the style into C: node asset.mjs SCRIPT STYLE OUT.c
//
// The script stands between <script> tags: "</script" and "<!--" would end it there or change how it
// is read, so both are written with an escape that means the same inside strings and expressions.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [scriptPath, stylePath, outPath] = process.argv.slice(2);
const BANNER =
  '/* Vega, Vega-Lite, Vega-Embed (BSD-3-Clause, University of Washington Interactive Data Lab) and what they use (BSD, ISC, MIT), ' +
  'with the script of this page (nonet, Apache-2.0); the licences are installed with nonet as LICENSE-web */\n';
const script = (BANNER + readFileSync(scriptPath, 'utf8'))
  .trim()
  .replaceAll(/<\/(script)/gi, '<\\/$1')
  .replaceAll('<!--', '\\x3c!--');
const style = readFileSync(stylePath, 'utf8')
  .replaceAll(/\/\*[^]*?\*\//g, '')
  .replaceAll(/\n\s*/g, '\n')
  .trim();
if (/<\/style/i.test(style) || /<\/script|<!--/i.test(script)) throw new Error('an element would end inside its own text');

// String literals of some 400 bytes each; a "?" is escaped so that no trigraph is read.
function literal(text) {
  const bytes = Buffer.from(text, 'utf8');
  const lines = [];
  for (let from = 0; from < bytes.length; from += 400) {
    let line = '';
    for (const byte of bytes.subarray(from, from + 400)) {
      const char = String.fromCharCode(byte);
      if (char === '"' || char === '\\' || char === '?') line += `\\${char}`;
      else if (byte >= 0x20 && byte < 0x7f) line += char;
      else line += `\\${byte.toString(8).padStart(3, '0')}`;
    }
    lines.push(`  "${line}"`);
  }
  return lines.join('\n');
}

const sha256 = createHash('sha256').update(script, 'utf8').digest('base64');
writeFileSync(
  outPath,
  `/* Made by web/build of web/report; not to be edited. */
#include "report/report_asset.h"

const char report_asset_script[] =
${literal(script)};
const size_t report_asset_script_bytes = sizeof report_asset_script - 1;
const char report_asset_script_sha256[] = "${sha256}";
const char report_asset_style[] =
${literal(style)};
const size_t report_asset_style_bytes = sizeof report_asset_style - 1;
`,
);
