import { Button, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../format/use-format';
import { Callout } from '../../../ui/form/Section';
import { DiffTable } from './DiffTable';

interface Props {
  readonly by: string;
  readonly at: string;
  readonly base: unknown;
  readonly theirs: unknown;
  readonly mine: unknown;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
}

/** Somebody saved meanwhile: what they changed, what I changed, and the two ways on. */
export function Conflict({ by, at, base, theirs, mine, onTheirs, onMine }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Callout
      tone="risk"
      role="alert"
      title={t('settings.conflict.title', { by, at: format.dateTime(Date.parse(at)) })}
    >
      <p>{t('settings.conflict.text')}</p>
      <h4>{t('settings.conflict.theirs')}</h4>
      <DiffTable before={base} after={theirs} />
      <h4>{t('settings.conflict.mine')}</h4>
      <DiffTable before={base} after={mine} />
      <Group gap="xs">
        <Button onClick={onMine}>{t('settings.conflict.keepMine')}</Button>
        <Button variant="default" onClick={onTheirs}>
          {t('settings.conflict.takeTheirs')}
        </Button>
      </Group>
    </Callout>
  );
}
