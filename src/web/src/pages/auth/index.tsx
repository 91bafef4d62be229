export { SignInPage } from './sign-in';
export { ForgotPasswordPage } from './forgot-password';
export { SetPasswordPage } from './set-password';
