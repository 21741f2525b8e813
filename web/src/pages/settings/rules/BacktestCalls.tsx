import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Simulation } from '../../../api/types';
import { useFormat } from '../../../format/use-format';
import { ChoiceField } from '../../../ui/form/fields';
import { VerdictMark } from '../../../ui/marks';
import { useQueueLabel } from '../../../ui/queue-label';
import { callPath } from '../../paths';
import { type Effect, type Line, linesOf } from './backtest-result';
import styles from './Rules.module.css';

const FILTERS = ['all', 'saved', 'worsened', 'unknown', 'same'] as const;

/** Caller by caller: what was, and what would have been. */
export function BacktestCalls({ found }: { found: Simulation }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<'all' | Effect>('all');
  const lines = linesOf(found);
  if (lines.length === 0) return null;
  const wanted = lines.filter((line) => shown === 'all' || line.effect === shown);
  return (
    <>
      <ChoiceField
        label={t('settings.backtest.who')}
        value={shown}
        choices={FILTERS.map((value) => ({
          value,
          label: `${t(`settings.effect.${value}`)} (${
            value === 'all' ? lines.length : lines.filter((line) => line.effect === value).length
          })`,
        }))}
        onChange={setShown}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={styles.scroller} tabIndex={0} aria-label={t('settings.backtest.who')}>
        <table className={styles.calls}>
          <thead>
            <tr>
              {(['arrived', 'waited', 'was', 'would', 'how'] as const).map((name) => (
                <th key={name} scope="col">
                  {t(`settings.backtestHead.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {wanted.map((line) => (
              <Row key={line.id} line={line} />
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Row({ line }: { line: Line }) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useQueueLabel();
  const { moved } = line;
  return (
    <tr>
      <td>
        <Link to={callPath(line.id)}>{format.dateTime(Date.parse(line.arrivedAt))}</Link>
      </td>
      <td>{line.waited === null ? '–' : format.seconds(line.waited)}</td>
      <td>
        <VerdictMark verdict={line.before} /> {t(`verdict.${line.before}`)}
      </td>
      <td>
        <VerdictMark verdict={line.after} /> {t(`verdict.${line.after}`)}
      </td>
      <td>
        {moved === null
          ? t('settings.backtest.notMoved', { queue: label(line.queue) })
          : `${label(line.queue)} → ${label(moved.to)}`}
        {moved !== null &&
          moved.waitThere !== null &&
          ` · ${t('settings.backtest.there', { wait: format.seconds(moved.waitThere) })}`}
      </td>
    </tr>
  );
}
