/** Columns of `SealedAccount`: WhatsApp's credentials of a row of `channel_accounts`. */
export const sealedAccountSql = (alias: string): string =>
  `${alias}.id, ${alias}.phone_number_id as "phoneNumberId", ${alias}.waba_id as "wabaId",
   ${alias}.access_token_sealed as "accessTokenSealed", ${alias}.app_secret_sealed as "appSecretSealed"`;

/** What `SealedSmsAccount` has beside the id. */
export const sealedSmsAccountSql = (alias: string): string =>
  `${alias}.settings, ${alias}.secret_sealed as "secretSealed"`;
