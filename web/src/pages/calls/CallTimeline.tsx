import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type CallDetail,
  type Command,
  type Decision,
  type Exit,
  type Fact,
  VERDICTS,
  type Verdict,
} from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { i18next } from '../../i18n';
import type en from '../../i18n/en';
import { useWhy } from '../../ui/overflow';
import { useQueueLabel } from '../../ui/queue-label';
import { useReason } from '../../ui/reason';
import { useWhat } from './CallOverflow';
import styles from './Calls.module.css';
import { momentOf, useCounts } from './findings';

type Kind = keyof (typeof en)['fact'];

const isKnown = (kind: string): kind is Kind => i18next.exists(`fact.${kind}`);

/** What every fact says about the call itself already, or what only programs need. */
const HIDDEN = new Set(['uniqueid', 'linkedid', 'channel', 'decision', 'command', 'why', 'order']);
/** Of overflow: what the sentence of why says already. */
const SAID = new Set(['verb', 'rule', 'queue', 'to', 'held_back', 'dry_run', 'previous']);

interface TimelineProps {
  readonly call: CallDetail;
  /** What overflow decided for this caller, for its words. */
  readonly decisions: readonly Decision[];
}

/** Every fact in order of time, with its distance from the clock's start. */
export function CallTimeline({ call, decisions }: TimelineProps) {
  const { t } = useTranslation();
  const zero = Date.parse(call.clock_started_at ?? call.arrived_at);
  const due = call.deadline_at === null ? null : Date.parse(call.deadline_at);
  const facts = call.timeline.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const late = due === null ? -1 : facts.findIndex((fact) => Date.parse(fact.at) >= due);
  return (
    <section className={styles.block}>
      <h2>{t('call.timeline')}</h2>
      <p className={styles.note}>
        {t(call.clock_started_at === null ? 'call.fromArrival' : 'call.fromClock')}
      </p>
      <ol className={styles.timeline}>
        {facts.map((fact, index) => (
          <FactLine
            // biome-ignore lint/suspicious/noArrayIndexKey: facts have no id, the list only grows
            key={index}
            fact={fact}
            zero={zero}
            decision={decisions.find(({ id }) => id === fact.detail.decision)}
          >
            {index === late && due !== null && <DeadlineLine at={due} zero={zero} />}
          </FactLine>
        ))}
      </ol>
    </section>
  );
}

function DeadlineLine({ at, zero }: { at: number; zero: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className={styles.deadline}>
      {t('call.deadlineMark')} · {format.seconds((at - zero) / 1000)}
    </span>
  );
}

interface LineProps {
  readonly fact: Fact;
  readonly zero: number;
  readonly decision: Decision | undefined;
  readonly children: ReactNode;
}

function FactLine({ fact, zero, decision, children }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const at = Date.parse(fact.at);
  return (
    <li data-kind={fact.kind}>
      {children}
      <span className={styles.offset}>
        {at >= zero ? '+' : '−'}
        {format.seconds(Math.abs(at - zero) / 1000)}
      </span>
      <span className={styles.what}>
        <strong>
          {isKnown(fact.kind) ? t(`fact.${fact.kind}`) : t('factUnknown', { kind: fact.kind })}
        </strong>
        {fact.kind === 'staffing' ? <Staffing fact={fact} /> : <Detail fact={fact} />}
        {decision !== undefined && <Decided decision={decision} />}
      </span>
      <time className={styles.at} dateTime={fact.at}>
        {format.timeExact(at)}
      </time>
    </li>
  );
}

function Decided({ decision }: { decision: Decision }) {
  const label = useQueueLabel();
  const why = useWhy(label);
  const what = useWhat();
  return (
    <span className={styles.detail}>
      {what(decision)} · {why(decision)}
    </span>
  );
}

/** Who was there at a moment that mattered. */
function Staffing({ fact }: { fact: Fact }) {
  const { t } = useTranslation();
  const label = useQueueLabel();
  const counts = useCounts();
  const { detail } = fact;
  const number = (name: string) => Number(detail[name] ?? 0);
  const parts = [
    `${label(String(detail.queue ?? ''))} (${t(`staffing.moment.${momentOf(detail.moment)}`)})`,
    number('members') === 0
      ? t('staffing.nobody')
      : t('staffing.members', { count: number('members'), counts: counts(detail) }),
    number('elsewhere') === 0 ? '' : t('staffing.elsewhere', { count: number('elsewhere') }),
    number('waiting') === 0 ? '' : t('staffing.waiting', { count: number('waiting') }),
    number('ahead') === 0 ? '' : t('staffing.ahead', { count: number('ahead') }),
  ];
  return <span className={styles.detail}>{parts.filter((part) => part !== '').join(' · ')}</span>;
}

function Detail({ fact }: { fact: Fact }) {
  const word = useDetailWord();
  const overflow = fact.kind.startsWith('overflow_');
  const parts = Object.entries(fact.detail)
    .filter(([key]) => !(overflow && SAID.has(key)))
    .map(([key, value]) =>
      value === null || value === '' || HIDDEN.has(key) ? '' : word(key, String(value)),
    )
    .filter((part) => part !== '');
  if (parts.length === 0) return null;
  return <span className={styles.detail}>{parts.join(' · ')}</span>;
}

const isVerdict = (code: string): code is Verdict => VERDICTS.some((known) => known === code);
const isOutcome = (code: string): code is Command['outcome'] =>
  i18next.exists(`overflow.outcome.${code}`);
const isExit = (code: string): code is Exit => code !== 'open' && i18next.exists(`exit.${code}`);

/** A detail in words where it is one of our codes or measures; names stay as they are. */
function useDetailWord(): (key: string, value: string) => string {
  const { t } = useTranslation();
  const reason = useReason();
  const format = useFormat();
  const label = useQueueLabel();
  const stepOf = (ms: number) => (ms < 60_000 ? format.seconds(ms / 1000) : span(ms));
  return (key, value) => {
    if (key === 'exit' && isExit(value)) return t(`exit.${value}`);
    if (key === 'verdict' && isVerdict(value)) return t(`verdict.${value}`);
    if (key === 'outcome' && isOutcome(value)) return t(`overflow.outcome.${value}`);
    switch (key) {
      case 'queue':
        return label(value);
      case 'reason':
        return reason(value);
      case 'previous':
        return value === 'pending' ? '' : t('detail.previous', { verdict: previous(t, value) });
      case 'within_ms':
        return t('detail.within', { span: span(Number(value)) });
      case 'rang_ms':
        return t('detail.rang', { span: span(Number(value)) });
      case 'position':
        return t('caller.position', { position: value });
      case 'cause':
        return t('detail.cause', { cause: value });
      case 'by_ms':
        return t(Number(value) < 0 ? 'detail.clockBack' : 'detail.clockForward', {
          span: stepOf(Math.abs(Number(value))),
        });
      case 'arrived_at':
        return t('detail.arrivedStamp', { time: format.timeExact(Date.parse(value)) });
      case 'recovered':
        return t('detail.recovered');
      case 'by':
        return value === 'joining' ? t('detail.arrivalUnknown') : '';
      case 'observed':
        return value === '0' ? t('detail.notObserved') : '';
      case 'ended_by':
        return value === 'caller' || value === 'agent' ? t(`detail.endedBy.${value}`) : value;
      default:
        return value;
    }
  };
}

const previous = (t: TFunction, verdict: string): string =>
  isVerdict(verdict) ? t(`verdict.${verdict}`) : verdict;
