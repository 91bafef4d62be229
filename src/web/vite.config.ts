import path from 'node:path';
import { gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const api = 'http://localhost:3000';

/** What many pages share, in one file: a file for each icon costs more than the icons. Forms stay with the pages that have some. */
const common = {
  name: 'common',
  test: /lucide-react|rolldown|jsx-runtime|node_modules\/react\/|web\/src\/(conversation|ui)\/(?!dialog|form|fields|toggles|confirm)|use-media-query|useInfiniteQuery/,
  minShareCount: 4,
};

export default defineConfig({
  root: __dirname,
  plugins: [oneCopyOfRadix(), unnamedRadix(), lightBarrels(), react(), tailwindcss(), compressed()],
  build: {
    outDir: path.resolve(__dirname, '../../dist/web'),
    emptyOutDir: true,
    // the content security policy of the api allows no inline scripts
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups: [common] } } },
  },
  server: {
    port: 5173,
    proxy: { '/api': api, '/openapi.json': api, '/docs': api },
  },
});

/** npm may nest some forty copies of Radix's small helpers, because something else asks for an older one: one is enough. */
function oneCopyOfRadix(): Plugin {
  const umbrella = path.resolve(__dirname, '../../node_modules/radix-ui/dist/index.mjs');
  return {
    name: 'one-copy-of-radix',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!source.startsWith('@radix-ui/') || importer === umbrella) return null;
      return this.resolve(source, umbrella, { ...options, skipSelf: true });
    },
  };
}

/** Radix names every function at run time, which keeps even those that nobody uses. */
function unnamedRadix(): Plugin {
  return {
    name: 'unnamed-radix',
    apply: 'build',
    transform: {
      filter: { id: /node_modules\/@radix-ui\/[^/]+\/dist\/index\.mjs$/ },
      handler: (code) => ({
        code: code
          .replace(/^var __name = .*$/m, 'var __name = (target) => target;')
          .replace(/^ *__name\(\w+, "\w+"\);$/gm, '')
          .replace(/static \{\s*__name\(this, "\w+"\);\s*\}/g, ''),
        map: null,
      }),
    },
  };
}

/** Whoever imports one thing from an `index` file loads that one, not all that stands there. */
function lightBarrels(): Plugin {
  return {
    name: 'light-barrels',
    transform: {
      filter: { id: /src\/web\/src\/.*\/index\.tsx?$/ },
      handler: (code) => ({ code, map: null, moduleSideEffects: false }),
    },
  };
}

/** A `.gz` beside every script and style sheet, for the api to serve. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (!/\.(?:js|css)$/.test(file.fileName)) continue;
          const source = gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 });
          this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source });
        }
      },
    },
  };
}
