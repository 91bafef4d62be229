/** Signing in, and setting a password. */
export const authText = {
  signIn: 'Sign in',
  continueAfter: 'Sign in to go on where you were.',
  email: 'E-mail',
  password: 'Password',
  forgot: 'Forgot your password?',
  forgotTitle: 'Forgot your password?',
  forgotHint: 'Enter your e-mail address and we send you a link to set a new one.',
  sendLink: 'Send link',
  forgotSent: (email: string) =>
    `If ${email} belongs to a user, a link is on its way. Look into your mailbox.`,
  backToSignIn: 'Back to sign in',
  setTitle: 'Set a new password',
  welcome: (firstName: string) => `Welcome, ${firstName}`,
  invitationHint: (organization: string, email: string) =>
    `${organization} invited you to Parley as ${email}. Choose a password to begin.`,
  resetHint: (email: string) => `Choose a new password for ${email}.`,
  newPassword: 'New password',
  repeatPassword: 'The same again',
  passwordHint: (length: number) => `At least ${length} characters.`,
  passwordsDiffer: 'The two are not the same.',
  setAndSignIn: 'Set password and sign in',
  linkOverTitle: 'This link no longer works',
  linkOver: 'It was used already, or it is too old.',
  newLink: 'Get a new link',
} as const;
