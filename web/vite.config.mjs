// One file, one script: the report is opened from a disk, so nothing may be loaded beside it.
import { defineConfig } from 'vite';

export default defineConfig({
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2020',
    lib: { entry: 'report/report.ts', formats: ['iife'], name: 'nonetReport', fileName: () => 'report.js' },
    outDir: 'out',
    chunkSizeWarningLimit: 2000,
  },
});
