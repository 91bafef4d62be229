/** The part before the @ of what a company writes by; answers go to the reply address. No user has it. */
export const companyMailName = 'messages';
