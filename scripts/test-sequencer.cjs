const Sequencer = require('@jest/test-sequencer').default;

/** What takes longest, also because it waits for processes: begun at the end it would keep a core idle. */
const first = [
  'tests/browser/product.test.ts',
  'tests/kill/kill.test.ts',
  'tests/browser/office.test.ts',
  'tests/temporal/worker-process.test.ts',
  'tests/workflows/continue-as-new.test.ts',
  'tests/local/start.test.ts',
  'tests/api/access.test.ts',
  'tests/api/bad-input.test.ts',
];

/** A clean clone knows no times of former runs, by which Jest would go. */
module.exports = class extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const index = first.findIndex((file) => path.endsWith(file));
      return index < 0 ? first.length : index;
    };
    return super.sort(tests).sort((a, b) => place(a) - place(b));
  }
};
