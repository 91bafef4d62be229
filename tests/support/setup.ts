import { format } from 'node:util';

declare const reportConsole: (text: string) => void;

// A test that expects output says so: `jest.spyOn(console, 'warn').mockImplementation()`.
for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  console[method] = (...args: unknown[]) => reportConsole(`console.${method}: ${format(...args)}`);
}
