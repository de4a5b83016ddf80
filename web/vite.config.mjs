// One file, one script: the report is opened from a disk, so nothing may be loaded beside it. The licences of what went into it
// are written beside the bundle.
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

function licences() {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}));
      const folders = new Set(modules.map((id) => id.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
      const texts = [...folders].sort().map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
        const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        const text = file ? readFileSync(`${folder}/${file}`, 'utf8').trim() : '';
        return `${name} ${version}: ${license}\n\n${text}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join('\n----\n\n') });
    },
  };
}

export default defineConfig({
  logLevel: 'warn',
  plugins: [licences()],
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2020',
    lib: { entry: 'report/report.ts', formats: ['iife'], name: 'nonetReport', fileName: () => 'report.js' },
    outDir: 'out',
    chunkSizeWarningLimit: 2000,
  },
});
