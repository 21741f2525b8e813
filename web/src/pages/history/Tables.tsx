/** The same numbers as the pictures, as tables: for reading, printing and taking away. */

import { Table } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import type { Change } from '../../ui/use-address';
import styles from './History.module.css';
import { boundsOf, type Formula, isFormula, levelOf } from './levels';
import type { Moments } from './moments';
import { type Asked, callsLink, type Series, type Waits } from './queries';
import { useShare } from './SeriesCharts';

const COUNTS = [
  'offered',
  'answered',
  'answered_within',
  'abandoned',
  'abandoned_within',
  'left_otherwise',
  'unknown',
] as const;
const VERDICTS = ['met', 'breached', 'abandoned', 'refused', 'excluded', 'unknown'] as const;
const MS = 1_000;

/** Opened on request: hundreds of rows are not made for nobody. */
export function Unfold({ title, children }: { title: string; children: () => ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className={styles.unfold}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{title}</summary>
      {open && children()}
    </details>
  );
}

export function SeriesTable({
  series,
  asked,
  formula,
  moments,
}: {
  series: Series;
  asked: Asked;
  formula: Formula;
  moments: Moments;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = useShare();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={styles.scroller} tabIndex={0} aria-label={t('history.seriesTable')}>
      <Table highlightOnHover verticalSpacing="xs" className={styles.table} tabularNums>
        <Table.Thead>
          <Table.Tr>
            <Table.Th rowSpan={2}>{t('history.period')}</Table.Th>
            <Table.Th colSpan={COUNTS.length + 1} className={styles.group}>
              {t('history.visits')}
            </Table.Th>
            <Table.Th colSpan={VERDICTS.length + 1} className={styles.group}>
              {t('history.callsByVerdict')}
            </Table.Th>
          </Table.Tr>
          <Table.Tr>
            {COUNTS.map((name) => (
              <Table.Th key={name}>{t(`history.count.${name}`)}</Table.Th>
            ))}
            <Table.Th>{t('history.level')}</Table.Th>
            {VERDICTS.map((name) => (
              <Table.Th key={name}>{t(`verdict.${name}`)}</Table.Th>
            ))}
            <Table.Th>{t('history.rate')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {series.buckets.map((bucket) => (
            <Table.Tr key={bucket.starts_at}>
              <Table.Th scope="row">
                {bucket.commitment.calls === 0 ? (
                  moments.long(Date.parse(bucket.starts_at))
                ) : (
                  <Link to={callsLink(asked, bucket.starts_at, bucket.ends_at)}>
                    {moments.long(Date.parse(bucket.starts_at))}
                  </Link>
                )}
              </Table.Th>
              {COUNTS.map((name) => (
                <Table.Td key={name}>{format.integer(bucket.queues[name])}</Table.Td>
              ))}
              <Table.Td>
                {share(levelOf(bucket, formula).ratio, boundsOf(bucket, formula))}
              </Table.Td>
              {VERDICTS.map((name) => (
                <Table.Td key={name}>
                  {bucket.commitment[name] === 0 ? (
                    0
                  ) : (
                    <Link
                      to={callsLink(asked, bucket.starts_at, bucket.ends_at, { verdict: name })}
                    >
                      {format.integer(bucket.commitment[name])}
                    </Link>
                  )}
                </Table.Td>
              ))}
              <Table.Td>{share(bucket.commitment.rate.ratio, bucket.rate_bounds)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

/** Queue by queue, the worst first; each can be chosen. */
export function QueuesTable({
  series,
  formula,
  onChange,
}: {
  series: Series;
  formula: Formula;
  onChange: (change: Change) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const several = new Set(series.by_queue.map(({ pbx }) => pbx)).size > 1;
  const rows = series.by_queue
    .map((line) => ({
      ...line,
      level: line.figures.service_levels.find(({ name }) => name === formula)?.ratio ?? null,
    }))
    .sort((a, b) => (a.level ?? 2) - (b.level ?? 2) || b.figures.offered - a.figures.offered);
  const names = ['offered', 'answered', 'abandoned', 'left_otherwise', 'unknown'] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={styles.scroller} tabIndex={0} aria-label={t('history.queuesTable')}>
      <Table highlightOnHover verticalSpacing="xs" className={styles.table} tabularNums>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('history.queue')}</Table.Th>
            <Table.Th>{t('history.level')}</Table.Th>
            <Table.Th>{t('history.targetShort')}</Table.Th>
            {names.map((name) => (
              <Table.Th key={name}>{t(`history.count.${name}`)}</Table.Th>
            ))}
            <Table.Th>{t('history.asa')}</Table.Th>
            <Table.Th>{t('history.longest')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ pbx, queue, label, target, figures, level }) => (
            <Table.Tr key={`${pbx} ${queue}`}>
              <Table.Th scope="row">
                <button
                  type="button"
                  className={styles.asLink}
                  onClick={() => onChange({ queue, ...(several ? { pbx } : {}) })}
                >
                  {label}
                </button>
                {several && <small className={styles.note}> {pbx}</small>}
              </Table.Th>
              <Table.Td data-missed={level !== null && target !== null && level < target}>
                {level === null ? '–' : format.percent(level)}
              </Table.Td>
              <Table.Td>{target === null ? '–' : format.percent(target)}</Table.Td>
              {names.map((name) => (
                <Table.Td key={name}>{format.integer(figures[name])}</Table.Td>
              ))}
              <Table.Td>{figures.asa_s === null ? '–' : span(figures.asa_s * MS)}</Table.Td>
              <Table.Td>{figures.offered === 0 ? '–' : span(figures.longest_wait_s * MS)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

export function WaitsTable({ waits }: { waits: Waits }) {
  const { t } = useTranslation();
  const format = useFormat();
  const parts = ['answered', 'abandoned', 'other'] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={styles.scroller} tabIndex={0} aria-label={t('history.waitsTable')}>
      <Table verticalSpacing={4} className={styles.table} tabularNums>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('history.wait')}</Table.Th>
            {parts.map((part) => (
              <Table.Th key={part}>{t(`history.became.${waits.of}.${part}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {waits.bins.map((bin) => (
            <Table.Tr key={bin.from_s}>
              <Table.Th scope="row">
                {bin.to_s === null
                  ? t('history.longer', { from: bin.from_s })
                  : t('history.between', { from: bin.from_s, to: bin.to_s })}
              </Table.Th>
              {parts.map((part) => (
                <Table.Td key={part}>{format.integer(bin[part])}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

/** Whether there is any formula that the page knows of this name. */
export const formulaOr = (name: string, otherwise: Formula): Formula =>
  isFormula(name) ? name : otherwise;
