export const limitsText = {
  title: 'Limits',
  rate: (perSecond: number) => `${perSecond.toLocaleString('en')} messages a second`,
  rateFrom: {
    settings: 'set here',
    provider: 'as WhatsApp says',
    usual: 'the usual rate',
  },
  people: (reached: number, people: number) =>
    `${reached.toLocaleString('en')} of ${people.toLocaleString('en')} people`,
  anyNumber: (reached: number) => `${reached.toLocaleString('en')} people`,
  reached: 'Written to first in the last 24 hours',
  full: 'The limit is reached: messages to further people wait until it allows more. Whoever writes to you can be answered.',
  unknown: 'WhatsApp does not say how many it allows.',
  unlimited: 'WhatsApp allows any number.',
  change: 'Change limits',
  changeRate: 'Change rate',
  form: {
    title: 'Limits',
    rate: 'Messages a second',
    rateHint: (usual: number) =>
      `Empty: ${usual.toLocaleString('en')}, as WhatsApp allows. Lower it where other software sends from this number too, e.g. to 20 when it is shared with the phone app.`,
    otherRateHint: {
      sms: (usual: number) =>
        `Empty: ${usual.toLocaleString('en')}. Many operators allow a number no more than 1; the provider tells you what yours does.`,
      email: (usual: number) =>
        `Empty: ${usual.toLocaleString('en')}. Lower it where the mail server refuses e-mails because they come too fast.`,
    },
    wrongRate: 'A whole number from 1 to 10,000.',
    tier: 'New people in 24 hours',
    tierHint: 'As shown in WhatsApp Manager under Messaging limits.',
    tierKnown: 'WhatsApp says this itself.',
    tiers: {
      '': 'Not known',
      TIER_250: '250',
      TIER_2K: '2,000',
      TIER_10K: '10,000',
      TIER_100K: '100,000',
      TIER_UNLIMITED: 'Any number',
    },
  },
};
