import { IconAlertOctagonFilled, IconFileText } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../format/use-format';
import { Badge, Callout } from '../../../ui/form/Section';
import styles from '../../../ui/form/Section.module.css';

interface Item {
  readonly from_file: boolean;
  readonly problem: string;
  readonly updated_at: string;
  readonly updated_by: string;
}

/** Where an item's values come from, and whether they are in force. */
export function OriginBadges({ item }: { item: Item }) {
  const { t } = useTranslation();
  return (
    <>
      {item.from_file && (
        <span title={t('settings.origin.fileHelp')}>
          <Badge icon={<IconFileText size="1em" aria-hidden />}>{t('settings.origin.file')}</Badge>
        </span>
      )}
      {item.problem !== '' && (
        <Badge tone="breach" icon={<IconAlertOctagonFilled size="1em" aria-hidden />}>
          {t('settings.rule.problem')}
        </Badge>
      )}
    </>
  );
}

/** The same in sentences, above a form. */
export function Origin({ item }: { item: Item }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {item.problem !== '' && (
        <Callout tone="breach" title={t('settings.rule.problem')}>
          <p lang="en">{item.problem}</p>
        </Callout>
      )}
      <p className={styles.origin}>
        {item.from_file
          ? t('settings.origin.fileHelp')
          : t('settings.origin.set', {
              by: item.updated_by,
              at: format.dateTime(Date.parse(item.updated_at)),
            })}
      </p>
    </>
  );
}
