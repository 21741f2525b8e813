import type en from '../../i18n/en';

type Reason = keyof (typeof en)['reason'];
/** Why calls are excluded, as the page has words for it. */
const PLAIN = [
  'outside_opening_hours',
  'test_number',
  'internal_call',
  'left_before_the_clock',
] as const satisfies readonly Reason[];

export const isPlainReason = (code: string): code is (typeof PLAIN)[number] =>
  PLAIN.some((one) => one === code);
