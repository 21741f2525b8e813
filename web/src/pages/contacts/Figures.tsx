import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../../format/use-format';
import { useCentreZone } from '../../format/zone';
import { useQueueLabel } from '../../ui/queue-label';
import type { Moments } from '../history/moments';
import { dateOf, type Range } from '../history/range';
import styles from './Contacts.module.css';
import own from './Figures.module.css';
import { type Filters, NO_FILTERS, paramsOf, type Wanted } from './filters';
import type { ContactFigures, ContactTally, Span } from './queries';
import { ChannelMark, StateMark } from './StateMark';
import { useSpan } from './words';

const MS = 1_000;
const PERCENT = 100;

interface Props {
  readonly found: ContactFigures;
  readonly asked: Span;
  readonly range: Range;
  readonly moments: Moments;
}

export function Figures({ found, asked, range, moments }: Props) {
  const { t } = useTranslation();
  const label = useQueueLabel();
  const zone = useCentreZone() || 'UTC';
  const within: Partial<Filters> = {
    from: range.first,
    to: range.last,
    queue: asked.queue,
    pbx: asked.pbx,
  };
  if (found.total.registered === 0) {
    return <p className={styles.empty}>{t('contacts.noFigures')}</p>;
  }
  return (
    <>
      <Headline tally={found.total} within={within} />
      <Part title={t('contacts.byChannel')}>
        <Tallies
          title={t('contacts.byChannel')}
          first={t('contacts.channelLabel')}
          lines={found.by_channel.map((tally) => ({
            key: tally.channel,
            name: <ChannelMark channel={tally.channel} />,
            tally,
            within: { ...within, channel: tally.channel },
          }))}
        />
      </Part>
      <Part title={t('contacts.byMonth')}>
        <Tallies
          title={t('contacts.byMonth')}
          first={t('contacts.month')}
          lines={sinceFirst(found.by_month).map((tally) => ({
            key: tally.from,
            name: moments.long(Date.parse(tally.from)),
            tally,
            within: {
              ...within,
              from: dateOf(Date.parse(tally.from), zone),
              to: dateOf(Date.parse(tally.to) - 1, zone),
            },
          }))}
        />
      </Part>
      <Part title={t('contacts.byQueue')}>
        <Tallies
          title={t('contacts.byQueue')}
          first={t('contacts.queue')}
          lines={found.by_queue.map((tally) => ({
            key: `${tally.pbx} ${tally.queue}`,
            name: tally.queue === '' ? t('contacts.noQueue') : label(tally.queue),
            tally,
            within: {
              ...within,
              ...(tally.queue === '' ? {} : { queue: tally.queue, pbx: tally.pbx || null }),
            },
          }))}
        />
      </Part>
    </>
  );
}

/** Months before the first contact say nothing. */
function sinceFirst<T extends ContactTally>(months: readonly T[]): readonly T[] {
  return months.slice(months.findIndex(({ registered }) => registered > 0));
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.block} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** The contacts that a count is made of. */
function Count({
  many,
  wanted,
  within,
  name,
}: {
  many: number;
  wanted: Wanted;
  within: Partial<Filters>;
  name: string;
}) {
  const format = useFormat();
  const text = format.integer(many);
  if (many === 0) return <span className={styles.note}>0</span>;
  const to = `/contacts?${paramsOf({ ...NO_FILTERS, ...within, wanted })}`;
  return (
    <Link to={to} className={own.link} aria-label={`${name}: ${text}`}>
      {text}
    </Link>
  );
}

function Headline({ tally, within }: { tally: ContactTally; within: Partial<Filters> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const span = useSpan();
  const excluding = useExcluding();
  const { rate } = tally;
  const beside = ['pending', 'overdue', 'withdrawn', 'excluded'] as const;
  const ninth = tally.answer_time_percentiles_s['90'] ?? null;
  return (
    <div className={own.cards}>
      <section className={styles.block} aria-label={t('contacts.rate')}>
        <h2>{t('contacts.rate')}</h2>
        <p className={own.big}>{rate.value === null ? '–' : format.percent(rate.value)}</p>
        <p className={styles.note}>
          {t('contacts.rateOf', {
            met: format.integer(rate.numerator),
            all: format.integer(rate.denominator),
          })}
        </p>
        <RateBar value={rate.value} />
      </section>
      <section className={styles.block} aria-label={t('contacts.beside')}>
        <h2>{t('contacts.beside')}</h2>
        <dl className={own.beside}>
          {beside.map((state) => (
            <div key={state}>
              <dt>
                <StateMark state={state} />
              </dt>
              <dd>
                <Count
                  many={tally[state]}
                  wanted={state}
                  within={within}
                  name={t(`contacts.state.${state}`)}
                />
              </dd>
            </div>
          ))}
        </dl>
        {Object.keys(tally.exclusions).length > 0 && (
          <p className={styles.note}>
            {Object.entries(tally.exclusions)
              .map(([why, many]) => `${excluding(why)} ${format.integer(many)}`)
              .join(' · ')}
          </p>
        )}
      </section>
      <section className={styles.block} aria-label={t('contacts.answerTime')}>
        <h2>{t('contacts.answerTime')}</h2>
        <p className={own.big}>
          {tally.answer_time_s === null ? '–' : span(tally.answer_time_s * MS)}
        </p>
        <p className={styles.note}>
          {t('contacts.answerMean', {
            count: tally.answered,
            number: format.integer(tally.answered),
          })}
          {ninth !== null && <> · {t('contacts.ninety', { span: span(ninth * MS) })}</>}
        </p>
      </section>
    </div>
  );
}

const EXCLUDING = ['duplicate', 'unsolicited', 'test', 'not_ours'] as const;

function useExcluding(): (why: string) => string {
  const { t } = useTranslation();
  return (why) => {
    const found = EXCLUDING.find((one) => one === why);
    return found === undefined ? why : t(`contacts.excluding.${found}`);
  };
}

/** How much of what was promised was kept; the number stands beside it. */
export function RateBar({ value }: { value: number | null }) {
  if (value === null) return null;
  return (
    <div className={own.rateBar} aria-hidden>
      <div style={{ width: `${value * PERCENT}%` }} />
    </div>
  );
}

interface TallyLine {
  readonly key: string;
  readonly name: ReactNode;
  readonly tally: ContactTally;
  readonly within: Partial<Filters>;
}

const COUNTS = ['met', 'breached', 'overdue', 'pending', 'withdrawn', 'excluded'] as const;
const PERCENTILES = ['50', '90', '95'] as const;

function Tallies({
  title,
  first,
  lines,
}: {
  title: string;
  first: string;
  lines: readonly TallyLine[];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const span = useSpan();
  const time = (seconds: number | null | undefined) =>
    seconds === null || seconds === undefined ? '–' : span(seconds * MS);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={own.scroller} tabIndex={0} aria-label={title}>
      <Table verticalSpacing="xs" className={own.numbers} tabularNums>
        <Table.Thead className={own.titles}>
          <Table.Tr>
            <Table.Th>{first}</Table.Th>
            <Table.Th>{t('contacts.registered')}</Table.Th>
            <Table.Th className={own.rateCell}>{t('contacts.rate')}</Table.Th>
            {COUNTS.map((name) => (
              <Table.Th key={name}>{t(`contacts.state.${name}`)}</Table.Th>
            ))}
            <Table.Th>{t('contacts.mean')}</Table.Th>
            {PERCENTILES.map((percent) => (
              <Table.Th key={percent}>{t('contacts.percentile', { percent })}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(({ key, name, tally, within }) => (
            <Table.Tr key={key}>
              <Table.Th scope="row">{name}</Table.Th>
              <Table.Td>
                <Count
                  many={tally.registered}
                  wanted="all"
                  within={within}
                  name={t('contacts.registered')}
                />
              </Table.Td>
              <Table.Td className={own.rateCell}>
                {tally.rate.value === null ? '–' : format.percent(tally.rate.value)}
                <RateBar value={tally.rate.value} />
              </Table.Td>
              {COUNTS.map((state) => (
                <Table.Td key={state}>
                  <Count
                    many={tally[state]}
                    wanted={state}
                    within={within}
                    name={t(`contacts.state.${state}`)}
                  />
                </Table.Td>
              ))}
              <Table.Td>{time(tally.answer_time_s)}</Table.Td>
              {PERCENTILES.map((percent) => (
                <Table.Td key={percent}>{time(tally.answer_time_percentiles_s[percent])}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
