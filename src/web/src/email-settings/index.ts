export { EmailSettings } from './email-settings';
export { emailSettingsText } from './text';
