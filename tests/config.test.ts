import { readConfig } from '../src/config';

const needed = {
  DATABASE_URL: 'postgresql://parley@localhost/parley',
  PARLEY_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
  PARLEY_PUBLIC_URL: 'https://parley.example',
};

it('R-ELIG: a mail server that is left empty is none', () => {
  expect(readConfig({ ...needed, SMTP_URL: '' }).mail.smtpUrl).toBeUndefined();
  expect(readConfig({ ...needed, SMTP_URL: 'smtp://mail.example' }).mail.smtpUrl).toBe('smtp://mail.example');
});
