import { boardText } from './text';

export type DelayUnit = 'minutes' | 'hours' | 'days';

const seconds: Record<DelayUnit, number> = { minutes: 60, hours: 3600, days: 86_400 };
export const delayUnits = Object.keys(seconds) as DelayUnit[];
const longestSeconds = 90 * 86_400;

/** In the largest unit that it is a whole number of. */
export function delayOf(delaySeconds: number): { amount: number; unit: DelayUnit } {
  const unit =
    (['days', 'hours'] as const).find((one) => delaySeconds > 0 && delaySeconds % seconds[one] === 0) ??
    'minutes';
  return { amount: Math.round((delaySeconds / seconds[unit]) * 100) / 100, unit };
}

/** undefined: nothing that the API takes. */
export function toSeconds(amount: string, unit: DelayUnit): number | undefined {
  if (!/^\d{1,7}$/.test(amount.trim())) return undefined;
  const total = Number(amount) * seconds[unit];
  return total <= longestSeconds ? total : undefined;
}

export function delayText(delaySeconds: number): string {
  const { after } = boardText.actionsDialog;
  if (delaySeconds === 0) return after.none;
  const { amount, unit } = delayOf(delaySeconds);
  return after[unit](amount);
}
