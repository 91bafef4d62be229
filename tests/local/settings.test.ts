import { readLocalSettings } from '../../src/local/settings';

const credentials = {
  WHATSAPP_PHONE_NUMBER_ID: '1',
  WHATSAPP_WABA_ID: '2',
  WHATSAPP_ACCESS_TOKEN: 'token',
  WHATSAPP_APP_SECRET: 'secret',
};

describe('readLocalSettings', () => {
  it('leaves everything to the built-in defaults when the environment says nothing', () => {
    expect(readLocalSettings({}, '/parley')).toMatchObject({
      dataFolder: '/parley/.data',
      databaseUrl: undefined,
      temporalAddress: undefined,
      whatsApp: undefined,
    });
  });

  it('lets DATABASE_URL, TEMPORAL_ADDRESS and PARLEY_DATA_DIR each replace a default', () => {
    const env = {
      DATABASE_URL: 'postgresql://db/x',
      TEMPORAL_ADDRESS: 'temporal:7233',
      PARLEY_DATA_DIR: '/data',
    };
    expect(readLocalSettings(env, '/parley')).toMatchObject({
      dataFolder: '/data',
      databaseUrl: 'postgresql://db/x',
      temporalAddress: 'temporal:7233',
    });
  });

  it('takes real WhatsApp credentials when they are complete', () => {
    const env = { ...credentials, PARLEY_PUBLIC_URL: 'https://parley.example' };
    expect(readLocalSettings(env, '/parley').whatsApp).toEqual({
      phoneNumberId: '1',
      wabaId: '2',
      accessToken: 'token',
      appSecret: 'secret',
    });
  });

  it('names what is missing of them', () => {
    const { WHATSAPP_APP_SECRET: _, ...rest } = credentials;
    expect(() => readLocalSettings(rest, '/parley')).toThrow(
      'To use a real WhatsApp number WHATSAPP_APP_SECRET, PARLEY_PUBLIC_URL must be set too',
    );
  });
});
