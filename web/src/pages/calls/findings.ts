/** What the diagnosis found, in the page's language. */
import { useTranslation } from 'react-i18next';
import type { Finding } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { i18next } from '../../i18n';
import type en from '../../i18n/en';
import { useQueueLabel } from '../../ui/queue-label';

type Plural<Key> = Key extends `${infer Base}_one` | `${infer Base}_other` ? Base : Key;
type Code = Plural<keyof (typeof en)['diagnosis']>;
/** With all its keys and their words at once the translator's own type is too much to check. */
type Say = (key: `diagnosis.${Code}`, words: Record<string, unknown>) => string;
type State = keyof (typeof en)['agents']['state'];

/** What members do, in the order in which it is said. */
export const STATES: readonly State[] = [
  'available',
  'ringing',
  'talking',
  'on_hold',
  'wrap_up',
  'busy',
  'paused',
  'unavailable',
];

const isKnown = (code: string): code is Code => i18next.exists(`diagnosis.${code}`, { count: 1 });

type Detail = Readonly<Record<string, string | number | null | undefined>>;

/** `2 talking, 1 paused`: how many members do what; what nobody does is left out. */
export function useCounts(): (detail: Detail) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (detail) =>
    STATES.flatMap((state) => {
      const count = detail[state];
      if (typeof count !== 'number' || count === 0) return [];
      return [t(`agents.counted.${state}`, { count, shown: format.integer(count) })];
    }).join(', ');
}

/** A finding as a sentence; a code that is newer than this page is shown as it is. */
export function useFinding(): (finding: Finding) => string {
  const { t } = useTranslation();
  const label = useQueueLabel();
  const counts = useCounts();
  return ({ code, params }) => {
    if (!isKnown(code)) return t('diagnosisUnknown', { code });
    const ms = (name: string) => span(Math.abs(Number(params[name] ?? 0)));
    const words = {
      ...params,
      queue: label(String(params.queue ?? '')),
      by: String(params.by ?? '')
        .split(', ')
        .map(label)
        .join(', '),
      when: t(`staffing.moment.${momentOf(params.moment)}`),
      exit: exitOf(t as unknown as Word, params.exit),
      outcome: outcomeOf(t as unknown as Word, params.outcome),
      counts: counts(params),
      span: ms('for_ms'),
      lost: ms('lost_ms'),
      left: ms('left_ms'),
      within: ms('within_ms'),
      count: countOf(code, params),
    };
    const say = t as unknown as Say;
    return say(`diagnosis.${variant(code, params)}`, words);
  };
}

const MOMENTS = ['joining', 'at_risk', 'breached', 'abandoned', 'refused'] as const;

export const momentOf = (moment: unknown): (typeof MOMENTS)[number] =>
  MOMENTS.find((one) => one === moment) ?? 'at_risk';

type Word = (key: string) => string;

const exitOf = (t: Word, exit: unknown): string =>
  exit === 'full' || exit === 'leave_empty' || exit === 'join_empty' ? t(`exit.${exit}`) : '';

const outcomeOf = (t: Word, outcome: unknown): string =>
  outcome === 'failed' || outcome === 'still_waiting' || outcome === 'not_observed'
    ? t(`overflow.outcome.${outcome}`)
    : '';

/** The number by which a sentence has its singular or plural. */
function countOf(code: Code, params: Finding['params']): number {
  const name = (
    {
      callers_ahead: 'ahead',
      queue_weight: 'taken',
      ring_no_answer: 'missed',
      wrap_up: 'wrap_up',
      not_offered: 'available',
      overflow_held_back: 'times',
      overflow_dry_run: 'times',
    } as Partial<Record<Code, string>>
  )[code];
  return Number(params[name ?? 'members'] ?? 0);
}

/** Some findings are said in another way at the edge. */
function variant(code: Code, params: Finding['params']): Code {
  if (code === 'joined_too_late' && Number(params.left_ms) <= 0) return 'joined_after_deadline';
  if (code === 'blind' && Number(params.for_ms) < 0) return 'blind_still';
  if (code === 'queue_weight' && params.by === '') return 'queue_weight_hidden';
  if (code === 'queue_weight' && Number(params.later) === 0) return 'queue_shared';
  return code;
}
