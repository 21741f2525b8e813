import { Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../../shell/Notice';

export function Loading() {
  const { t } = useTranslation();
  return (
    <Notice>
      <Loader aria-label={t('app.loading')} />
    </Notice>
  );
}
