import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import type { Moments } from '../history/moments';
import styles from './Contacts.module.css';
import { RateBar } from './Figures';
import own from './Figures.module.css';
import type { Satisfaction, SatisfactionPart, Scale } from './queries';

const PERCENT = 100;

/** What callers pressed when they were asked after their calls; scales are never put together. */
export function SatisfactionPanel({ found, moments }: { found: Satisfaction; moments: Moments }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { total } = found;
  return (
    <section className={styles.block} aria-label={t('contacts.satisfaction.title')}>
      <h2>{t('contacts.satisfaction.title')}</h2>
      <p className={styles.help}>{t('contacts.satisfaction.help')}</p>
      {total.asked === 0 ? (
        <p className={styles.note}>{t('contacts.satisfaction.none')}</p>
      ) : (
        <>
          <p>
            {t('contacts.satisfaction.response', {
              answered: format.integer(total.answered),
              asked: format.integer(total.asked),
              share: share(format, total.response.value),
            })}
          </p>
          <div className={own.scales}>
            {total.scales.map((scale) => (
              <ScaleFigure key={scale.best} scale={scale} />
            ))}
          </div>
          {found.by_month.filter(({ asked }) => asked > 0).length > 1 && (
            <Months found={found} moments={moments} />
          )}
        </>
      )}
    </section>
  );
}

type Format = ReturnType<typeof useFormat>;
const share = (format: Format, value: number | null) =>
  value === null ? '–' : format.percent(value);

function useMean(): (scale: Scale) => string {
  const { i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.resolvedLanguage, {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  return ({ average }) => (average.value === null ? '–' : number.format(average.value));
}

function ScaleFigure({ scale }: { scale: Scale }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mean = useMean();
  const { best, answered, satisfied, distribution } = scale;
  const most = Math.max(1, ...Object.values(distribution));
  const scores = Array.from({ length: best }, (_, n) => best - n);
  return (
    <div>
      <h3>{t('contacts.satisfaction.scale', { best })}</h3>
      <p>
        <strong className={own.big}>{mean(scale)}</strong>{' '}
        <span className={styles.note}>
          {t('contacts.satisfaction.satisfied', {
            share: share(format, satisfied.value),
            some: format.integer(satisfied.numerator),
            all: format.integer(satisfied.denominator),
          })}
        </span>
      </p>
      <table className={own.distribution}>
        <caption className="sr-only">{t('contacts.satisfaction.distribution')}</caption>
        <thead className="sr-only">
          <tr>
            <th>{t('contacts.satisfaction.score')}</th>
            <th>{t('contacts.satisfaction.answers')}</th>
          </tr>
        </thead>
        <tbody>
          {scores.map((score) => {
            const many = distribution[String(score)] ?? 0;
            return (
              <tr key={score}>
                <th scope="row" className={own.score}>
                  {score}
                </th>
                <td>
                  <div className={own.answers}>
                    <i aria-hidden style={{ width: `${(many / most) * PERCENT}%` }} />
                    <span>
                      {format.integer(many)}{' '}
                      <small>{share(format, answered === 0 ? null : many / answered)}</small>
                    </span>
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Months({ found, moments }: { found: Satisfaction; moments: Moments }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mean = useMean();
  const means = ({ scales }: SatisfactionPart) =>
    scales.length === 0
      ? '–'
      : scales
          .map((scale) =>
            t('contacts.satisfaction.ofScale', { mean: mean(scale), best: scale.best }),
          )
          .join(' · ');
  const satisfied = ({ scales }: SatisfactionPart) =>
    scales.length === 0 ? '–' : scales.map((one) => share(format, one.satisfied.value)).join(' · ');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={own.scroller} tabIndex={0} aria-label={t('contacts.satisfaction.byMonth')}>
      <Table verticalSpacing="xs" className={own.numbers} tabularNums>
        <Table.Thead className={own.titles}>
          <Table.Tr>
            <Table.Th>{t('contacts.month')}</Table.Th>
            <Table.Th>{t('contacts.satisfaction.asked')}</Table.Th>
            <Table.Th>{t('contacts.satisfaction.answers')}</Table.Th>
            <Table.Th className={own.rateCell}>{t('contacts.satisfaction.share')}</Table.Th>
            <Table.Th>{t('contacts.satisfaction.mean')}</Table.Th>
            <Table.Th>{t('contacts.satisfaction.best')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.by_month.slice(found.by_month.findIndex(({ asked }) => asked > 0)).map((month) => (
            <Table.Tr key={month.from}>
              <Table.Th scope="row">{moments.long(Date.parse(month.from))}</Table.Th>
              <Table.Td>{format.integer(month.asked)}</Table.Td>
              <Table.Td>{format.integer(month.answered)}</Table.Td>
              <Table.Td className={own.rateCell}>
                {share(format, month.response.value)}
                <RateBar value={month.response.value} />
              </Table.Td>
              <Table.Td>{means(month)}</Table.Td>
              <Table.Td>{satisfied(month)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
