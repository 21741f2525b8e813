import { type KeyboardEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../../format/use-format';
import styles from './HeatMap.module.css';
import { type Formula, levelOf } from './levels';
import { weekdays } from './moments';
import { type Asked, callsLink, type Week, type WeekCell } from './queries';
import { addDays, startOfHour } from './range';

export const METRICS = ['level', 'rate', 'offered'] as const;
export type Metric = (typeof METRICS)[number];

const DAYS = 7;
const HOURS = 24;

interface Props {
  readonly week: Week;
  readonly asked: Asked;
  readonly formula: Formula;
  readonly metric: Metric;
  readonly language: string;
}

/**
 * The hours of the week as a table, so that it is one for everybody. The shades run from light to
 * dark in one hue; the numbers stand in the cells where there is room, and below for the chosen one.
 */
export function HeatMap({ week, asked, formula, metric, language }: Props) {
  const { t } = useTranslation();
  const table = useRef<HTMLTableElement>(null);
  const cells = new Map(week.cells.map((cell) => [cell.weekday * HOURS + cell.hour, cell]));
  const hours = hoursOf(week);
  const [chosen, setChosen] = useState<number | null>(null);
  const active = chosen ?? first(week, metric, formula);
  const scale = scaleOf(week, metric, formula);
  const short = weekdays(language, 'short');

  const onKeyDown = (event: KeyboardEvent) => {
    const next = move(event.key, active, hours);
    if (next === null) return;
    event.preventDefault();
    setChosen(next);
    table.current?.querySelector<HTMLElement>(`[data-cell="${next}"]`)?.focus();
  };

  return (
    <>
      <div className={styles.scroller}>
        <table ref={table} className={styles.map} onKeyDown={onKeyDown}>
          <caption className="sr-only">{t('history.weekCaption')}</caption>
          <thead>
            <tr>
              <td />
              {hours.map((hour) => (
                <th key={hour} scope="col">
                  {hour}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {short.map((name, day) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {hours.map((hour) => {
                  const place = day * HOURS + hour;
                  const cell = cells.get(place);
                  const value = cell === undefined ? null : figureOf(cell, metric, formula);
                  return (
                    <td key={hour}>
                      <button
                        type="button"
                        data-cell={place}
                        data-shade={value === null ? 'none' : scale(value)}
                        data-chosen={chosen === place}
                        tabIndex={place === active ? 0 : -1}
                        onClick={() => setChosen(place)}
                        onFocus={() => setChosen(place)}
                        onPointerEnter={() => setChosen(place)}
                      >
                        {cell === undefined ? (
                          <span className="sr-only">{t('history.weekNone')}</span>
                        ) : (
                          <Value value={value} metric={metric} />
                        )}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Readout
        cell={cells.get(active) ?? null}
        place={active}
        asked={asked}
        formula={formula}
        language={language}
        zone={week.zone}
      />
    </>
  );
}

function Value({ value, metric }: { value: number | null; metric: Metric }) {
  const format = useFormat();
  if (value === null) return '–';
  if (metric === 'offered') return format.integer(value);
  // Cut, as everywhere: 99.6 % is not 100.
  return String(Math.floor(value * 100 + 1e-9));
}

function Readout({
  cell,
  place,
  asked,
  formula,
  language,
  zone,
}: {
  cell: WeekCell | null;
  place: number;
  asked: Asked;
  formula: Formula;
  language: string;
  zone: string;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [day, hour] = [Math.floor(place / HOURS), place % HOURS];
  const when = t('history.weekHour', {
    day: weekdays(language, 'long')[day] ?? '',
    from: hour,
    to: hour + 1,
  });
  if (cell === null) {
    return (
      <p className={styles.readout}>
        <strong>{when}</strong> <span>{t('history.weekNone')}</span>
      </p>
    );
  }
  const level = levelOf(cell, formula);
  const { rate } = cell.commitment;
  const link = linkOf(asked, day, hour, zone);
  return (
    <p className={styles.readout}>
      <strong>{when}</strong>
      <span>
        {t('history.offered')} <strong>{format.integer(cell.queues.offered)}</strong>
      </span>
      <span>
        {t('history.level')}{' '}
        <strong>{level.ratio === null ? '–' : format.percent(level.ratio)}</strong> ·{' '}
        {format.integer(level.numerator)} / {format.integer(level.denominator)}
      </span>
      <span>
        {t('history.rate')}{' '}
        <strong>{rate.ratio === null ? '–' : format.percent(rate.ratio)}</strong> ·{' '}
        {format.integer(rate.numerator)} / {format.integer(rate.denominator)}
      </span>
      {link !== null && <Link to={link}>{t('history.toCalls')}</Link>}
    </p>
  );
}

/** Of a week at most a cell is one hour, and its calls can be listed. */
function linkOf(asked: Asked, day: number, hour: number, zone: string): string | null {
  const { range } = asked;
  if (range.days > DAYS) return null;
  for (let n = 0; n < range.days; n += 1) {
    const date = addDays(range.first, n);
    if ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % DAYS !== day) continue;
    return callsLink(asked, startOfHour(date, hour, zone), startOfHour(date, hour + 1, zone));
  }
  return null;
}

function figureOf(cell: WeekCell, metric: Metric, formula: Formula): number | null {
  if (metric === 'offered') return cell.queues.offered;
  return metric === 'rate' ? cell.commitment.rate.ratio : levelOf(cell, formula).ratio;
}

/** The cell that is worth a look before one is chosen: the worst, or the fullest. */
function first(week: Week, metric: Metric, formula: Formula): number {
  let [place, most] = [0, Number.NEGATIVE_INFINITY];
  for (const cell of week.cells) {
    const value = figureOf(cell, metric, formula);
    const weight = value === null ? null : metric === 'offered' ? value : -value;
    if (weight !== null && weight > most) {
      [place, most] = [cell.weekday * HOURS + cell.hour, weight];
    }
  }
  return place;
}

/** The hours between the first and the last call of any day. */
function hoursOf(week: Week): readonly number[] {
  const found = week.cells.map(({ hour }) => hour);
  const first = found.length === 0 ? 8 : Math.min(...found);
  const last = found.length === 0 ? 18 : Math.max(...found);
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

/** From a value to one of seven shades. Shares: the lower, the darker, since that is what to see. */
function scaleOf(week: Week, metric: Metric, formula: Formula): (value: number) => string {
  if (metric === 'offered') {
    const most = Math.max(1, ...week.cells.map(({ queues }) => queues.offered));
    return (value) => `more-${Math.min(6, Math.floor((value / most) * 7))}`;
  }
  const values = week.cells
    .map((cell) => figureOf(cell, metric, formula))
    .filter((value) => value !== null);
  const low = Math.min(0.8, ...values);
  return (value) => `less-${Math.min(6, Math.floor(((1 - value) / (1 - low)) * 6.999))}`;
}

function move(key: string, place: number, hours: readonly number[]): number | null {
  const [day, hour] = [Math.floor(place / HOURS), place % HOURS];
  const first = hours[0] ?? 0;
  const last = hours.at(-1) ?? HOURS - 1;
  switch (key) {
    case 'ArrowRight':
      return day * HOURS + Math.min(last, hour + 1);
    case 'ArrowLeft':
      return day * HOURS + Math.max(first, hour - 1);
    case 'ArrowDown':
      return Math.min(DAYS - 1, day + 1) * HOURS + hour;
    case 'ArrowUp':
      return Math.max(0, day - 1) * HOURS + hour;
    case 'Home':
      return day * HOURS + first;
    case 'End':
      return day * HOURS + last;
    default:
      return null;
  }
}
