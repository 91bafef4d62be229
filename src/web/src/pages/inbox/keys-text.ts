/** The help on the keyboard. */
export const keysText = {
  title: 'Keyboard shortcuts',
  list: [
    { keys: ['j', 'k'], does: 'Next and previous chat' },
    { keys: ['Enter'], does: 'Open the chat' },
    { keys: ['/'], does: 'Search' },
    { keys: ['c'], does: 'Write' },
    { keys: ['n'], does: 'Write a note' },
    { keys: ['i'], does: 'Details' },
    { keys: ['↑', '↓'], does: 'From message to message; Enter shows its details, r answers it' },
    { keys: ['Esc'], does: 'Leave the field, then the chat' },
    { keys: ['?'], does: 'This list' },
  ],
} as const;
