/** The words for indicators: the page's own, else those of the server. */
import { useTranslation } from 'react-i18next';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { i18next } from '../../i18n';
import type later from '../../i18n/en/later';
import type { Moments } from '../history/moments';
import type { Definition, Part, Value } from './queries';

type Code = keyof (typeof later)['indicators']['name'];
type WithDenominator = keyof (typeof later)['indicators']['outOf'];

const isKnown = (code: string): code is Code => i18next.exists(`indicators.name.${code}`);
const hasDenominator = (code: string): code is WithDenominator =>
  i18next.exists(`indicators.outOf.${code}`);

export function useWords() {
  const { t } = useTranslation();
  const nameOf = ({ code }: Definition) => (isKnown(code) ? t(`indicators.name.${code}`) : code);
  const meaningOf = ({ code, numerator, denominator }: Definition): string => {
    const counts = isKnown(code) ? t(`indicators.counts.${code}`) : numerator;
    if (denominator === '') return counts;
    const outOf = hasDenominator(code) ? t(`indicators.outOf.${code}`) : denominator;
    return t('indicators.ratioOf', { counts, outOf });
  };
  return { nameOf, meaningOf };
}

/** A value as people write it. */
export function useValue() {
  const { t } = useTranslation();
  const format = useFormat();
  const plain = (unit: Definition['unit'], value: number | null | undefined): string => {
    if (value === null || value === undefined) return '–';
    if (unit === 'ratio') return format.percent(value);
    return unit === 's' ? span(value * 1_000) : format.integer(value);
  };
  return {
    text: (unit: Definition['unit'], value: Value | undefined) => plain(unit, value?.value),
    /** Between what it lies, where something is unknown and it shows; else null. */
    range: (unit: Definition['unit'], value: Value | undefined): string | null => {
      const { low, high } = value ?? {};
      if (low == null || high == null || low === high) return null;
      const [least, most] = [plain(unit, low), plain(unit, high)];
      return least === most ? null : t('indicators.range', { low: least, high: most });
    },
    /** `4,930 / 5,210`, of times `3:20:05 / 71`; null where there is no denominator. */
    made: ({ of, unit }: Definition, value: Value | undefined): string | null => {
      const { numerator, denominator } = value ?? {};
      if (numerator == null || denominator == null) return null;
      const time = of === 'agents';
      return t('indicators.madeOf', {
        numerator: plain(time ? 's' : 'count', numerator),
        denominator: plain(time && unit === 'ratio' ? 's' : 'count', denominator),
      });
    },
  };
}

/** What a part is called; `labels` are those of queues. */
export function usePartName(
  moments: Moments,
  labels: ReadonlyMap<string, string>,
  severalPbxs: boolean,
) {
  const { t } = useTranslation();
  const where = (part: Part, at: (ms: number) => string): string => {
    if (part.starts_at != null) return at(Date.parse(part.starts_at));
    if (part.agent != null) return part.name || part.agent;
    if (part.team != null) return part.team === '' ? t('indicators.noTeam') : part.team;
    if (part.queue == null) return part.pbx ?? '';
    const queue =
      part.queue === '' ? t('indicators.noQueue') : labels.get(part.queue) || part.queue;
    return severalPbxs ? `${queue} · ${part.pbx}` : queue;
  };
  return {
    short: (part: Part) => where(part, moments.short),
    long: (part: Part) => where(part, moments.long),
  };
}
