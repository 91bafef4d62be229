import js from '@eslint/js';
import { importX, createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/**
 * What each folder may import, beside packages and itself: `contracts ← domain ← data, channels ← activities`, and
 * nothing imports api. Files that stand in src/ itself wire the parts together and may import all.
 */
const mayImport = {
  'src/contracts': [],
  'src/domain': ['src/contracts'],
  'src/channels': ['src/contracts', 'src/domain', 'src/clock.ts', 'src/seal.ts', 'src/logger.ts'],
  // A stored webhook is read by its channel's projection.
  'src/data': [
    'src/contracts',
    'src/domain',
    'src/channels',
    'src/clock.ts',
    'src/seal.ts',
    'src/logger.ts',
    'generated',
  ],
  'src/notices': ['src/contracts', 'src/domain', 'src/data', 'src/mailer.ts', 'src/logger.ts'],
  'src/mail': [
    'src/contracts',
    'src/domain',
    'src/data',
    'src/channels',
    'src/clock.ts',
    'src/seal.ts',
    'src/logger.ts',
  ],
  'src/temporal': [
    'src/domain',
    'src/data',
    'src/config.ts',
    'src/clock.ts',
    'src/logger.ts',
    'workflows',
    'activities',
  ],
  'src/api': [
    ...['src/contracts', 'src/domain', 'src/data', 'src/temporal', 'src/channels'],
    ...['src/config.ts', 'src/clock.ts', 'src/logger.ts', 'src/mailer.ts', 'src/seal.ts', 'src/intake.ts'],
  ],
  'src/web': ['src/contracts', 'src/domain'],
  'src/sandbox': ['src/clock.ts'],
  'src/local': ['src/temporal/search-attributes.ts', 'src/data', 'src/config.ts', 'src/logger.ts', 'prisma'],
  workflows: [
    'src/contracts',
    'src/domain',
    'src/temporal/search-attributes.ts',
    'src/temporal/task-queues.ts',
    'activities',
  ],
  activities: [
    ...['src/contracts', 'src/domain', 'src/data', 'src/channels', 'src/mail', 'src/temporal'],
    ...['src/clock.ts', 'src/logger.ts', 'src/mailer.ts', 'src/seal.ts'],
  ],
};

const zones = Object.entries(mayImport).map(([folder, allowed]) => ({
  target: `./${folder}`,
  from: '.',
  except: [folder, ...allowed, 'node_modules'].map((place) => `./${place}`),
  message: `${folder} may not import this: see mayImport in eslint.config.mjs.`,
}));

/** The programs and scripts that read their environment and print; all else is given its configuration and logs. */
const startingPoints = [
  'src/config.ts',
  'src/start.ts',
  'src/local/**',
  'src/sandbox/main.ts',
  'scripts/**',
  'bench/**',
  'tests/**',
  '*.config.*',
];

const processEnvironment = {
  object: 'process',
  property: 'env',
  message: 'Only src/config.ts reads the environment; take what you need as an argument.',
};

export default tseslint.config(
  { ignores: ['dist/', 'generated/', '.data/', '.cache/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['prisma.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    settings: {
      'import-x/extensions': ['.ts', '.tsx'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.js', '.json'] })],
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An interface may ask for a promise where there is nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Our objects are closures, not classes: their methods may be taken apart.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      'no-console': 'error',
      // What people and providers send is cleaned of them.
      'no-control-regex': 'off',
      'no-restricted-properties': ['error', processEnvironment],
    },
  },
  {
    files: ['workflows/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/activities', '**/activities/*'],
              allowTypeImports: true,
              message: 'Workflows know the types of activities only: use proxyActivities.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['tests/**'],
    rules: {
      // Answers of a server are looked at as they come; expect checks them.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        require: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        WebAssembly: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
  // Pages run in a browser, whose globals are many.
  { files: ['src/sandbox/pages/**'], rules: { 'no-undef': 'off' } },
  { files: startingPoints, rules: { 'no-console': 'off', 'no-restricted-properties': 'off' } },
);
