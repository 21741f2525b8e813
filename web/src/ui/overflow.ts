import { useTranslation } from 'react-i18next';
import type { Decision } from '../api/types';
import { span } from '../format/format';
import { useFormat } from '../format/use-format';
import { i18next } from '../i18n';
import type en from '../i18n/en';

type Texts = (typeof en)['overflow'];
type Because = keyof Texts['because'];
type Metric = keyof Texts['condition'];
type Reason = Decision['reasons'][number];

const isBecause = (code: string): code is Because => i18next.exists(`overflow.because.${code}`);
const isMetric = (name: string): name is Metric => i18next.exists(`overflow.condition.${name}`);

const SPANS = new Set(['waited', 'waited_in_queue', 'time_left', 'expected_wait', 'longest_wait']);
const SHARES = new Set(['miss_probability', 'service_level']);

/** Why a decision is what it is, in the page's language; what is newer than the page, in English. */
export function useWhy(label: (queue: string) => string): (decision: Decision) => string {
  const { t } = useTranslation();
  const format = useFormat();

  const measure = (metric: string, value: Reason['detail'][string]): string => {
    if (typeof value !== 'number') return value ?? '';
    if (SPANS.has(metric)) return span(value);
    return SHARES.has(metric) ? format.percent(value) : format.integer(value);
  };
  const milliseconds = (value: Reason['detail'][string] | undefined): string =>
    typeof value === 'number' ? span(value) : '?';

  const words = ({ code, detail }: Reason): string | null => {
    if (code === 'condition') {
      const metric = String(detail.metric ?? '');
      const value = detail.value ?? null;
      if (metric === 'time_left' && typeof value === 'number' && value < 0) {
        return t('overflow.condition.past_deadline', { value: span(-value) });
      }
      return isMetric(metric)
        ? t(`overflow.condition.${metric}`, { value: measure(metric, value) })
        : null;
    }
    if (!isBecause(code)) return null;
    return t(`overflow.because.${code}`, {
      ...detail,
      by: detail.by ?? '?',
      queue: label(String(detail.queue ?? '')),
      left: milliseconds(detail.left),
      per: milliseconds(detail.per),
      here: milliseconds(detail.here),
      there: milliseconds(detail.there),
    });
  };

  return (decision) => {
    const parts = decision.reasons.map(words);
    return parts.some((part) => part === null) ? decision.reason : parts.join(' · ');
  };
}
