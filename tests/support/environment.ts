import { TestEnvironment } from 'jest-environment-node';
import { closeAll, findLeaks, trackIntervals, watchProcess } from './leaks';

type CircusEvent = { name: string; test?: { errors: unknown[] } };

/** Time for connections to close that a test has asked to close. */
const graceMs = 30_000;

watchProcess();

/** Node's environment in which console output, leaked handles and calls to the outside fail the tests. */
export default class ParleyEnvironment extends TestEnvironment {
  private consoleOutput: string[] = [];

  override async setup(): Promise<void> {
    await super.setup();
    trackIntervals(this.global);
    Object.assign(this.global, { reportConsole: (text: string) => this.consoleOutput.push(text) });
  }

  async handleTestEvent(event: CircusEvent): Promise<void> {
    if (event.name === 'test_done') event.test?.errors.push(...this.takeConsoleFaults().map(plainError));
    if (event.name === 'run_finish') await this.finish();
  }

  private async finish(): Promise<void> {
    const faults = [...this.takeConsoleFaults(), ...(await this.waitForNoLeaks())];
    closeAll();
    if (faults.length > 0) throw plainError(faults.join('\n\n'));
  }

  private takeConsoleFaults(): string[] {
    return this.consoleOutput.splice(0).map((text) => `unexpected console output: ${text}`);
  }

  private async waitForNoLeaks(): Promise<string[]> {
    const deadline = performance.now() + graceMs;
    while (findLeaks().length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return findLeaks().map((leak) => `left open after the last test: ${leak}`);
  }
}

/** Where the check was made says nothing: the message names the place that matters. */
function plainError(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}
