import { useTranslation } from 'react-i18next';
import type { LiveQueue } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import panel from '../live/Panel.module.css';
import { serviceLevel } from '../live/service-level';
import styles from './QueuePage.module.css';

/** What judges the callers of this queue. */
export function Thresholds({ queue }: { queue: LiveQueue }) {
  const { t } = useTranslation();
  const format = useFormat();
  const level = serviceLevel(queue.today.service_levels, queue.service_level);
  return (
    <section className={panel.panel} aria-labelledby="thresholds">
      <h2 id="thresholds" className={panel.title}>
        {t('queuePage.thresholds')}
      </h2>
      <dl className={styles.pairs}>
        <div>
          <dt>{t('queuePage.within')}</dt>
          <dd>{span(queue.within_s * 1000)}</dd>
        </div>
        <div>
          <dt>{t('queuePage.atRisk')}</dt>
          <dd>{span(queue.at_risk_after_s * 1000)}</dd>
        </div>
        <div>
          <dt>{t('queuePage.target')}</dt>
          <dd>{queue.target === null ? t('queuePage.noTarget') : format.percent(queue.target)}</dd>
        </div>
        <div>
          <dt>{t('queuePage.formula')}</dt>
          <dd>{level?.text(t) ?? queue.service_level}</dd>
        </div>
      </dl>
    </section>
  );
}
