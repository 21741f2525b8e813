import { Radio } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import styles from './Formulas.module.css';
import { boundsOf, FORMULAS, type Formula, levelOf, workedOut } from './levels';
import type { Series } from './queries';
import { useShare } from './SeriesCharts';

/** The five formulas in use, each worked out with the numbers of the range; one is shown. */
export function Formulas({
  series,
  formula,
  onChange,
}: {
  series: Series;
  formula: Formula;
  onChange: (formula: Formula) => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const share = useShare();
  return (
    <section className={styles.panel} aria-labelledby="formulas-title">
      <h2 id="formulas-title">{t('history.formulas')}</h2>
      <p className={styles.help}>{t('history.formulasHelp')}</p>
      <div className={styles.list} role="radiogroup" aria-labelledby="formulas-title">
        {FORMULAS.map((name) => {
          const level = levelOf(series.total, name);
          const own = name === series.service_level;
          return (
            <label
              key={name}
              htmlFor={`formula-${name}`}
              className={styles.line}
              data-chosen={name === formula}
            >
              <Radio
                id={`formula-${name}`}
                value={name}
                name="formula"
                checked={name === formula}
                onChange={() => onChange(name)}
                classNames={{ root: styles.radio ?? '' }}
                aria-label={t(`history.formulaName.${name}`)}
              />
              <span className={styles.name}>
                {t(`history.formulaName.${name}`)}
                {own && <small> {t('history.usual')}</small>}
              </span>
              <span className={styles.words}>{t(`history.notation.${name}`)}</span>
              <span className={styles.numbers}>
                {workedOut(name, series.total.queues, format.integer)} ={' '}
                {format.integer(level.numerator)} / {format.integer(level.denominator)}
              </span>
              <strong className={styles.share}>
                {share(level.ratio, boundsOf(series.total, name))}
              </strong>
            </label>
          );
        })}
      </div>
    </section>
  );
}
