import { useTranslation } from 'react-i18next';
import type { Formula } from './bodies';
import styles from './FormulaWords.module.css';

/** A formula of the service level as a fraction in words. */
export function FormulaWords({ formula }: { formula: Formula }) {
  const { t } = useTranslation();
  return (
    <p className={styles.formula}>
      <span className={styles.fraction}>
        <span>{t(`settings.numerator.${formula}`)}</span>
        <span>{t(`settings.denominator.${formula}`)}</span>
      </span>
      <span className={styles.note}>{t('settings.formulaNote')}</span>
    </p>
  );
}
