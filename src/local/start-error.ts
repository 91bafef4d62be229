/** A fault the person at the terminal can mend: its message is one paragraph that says what is wrong and the remedy. */
export class StartError extends Error {
  override name = 'StartError';
}
