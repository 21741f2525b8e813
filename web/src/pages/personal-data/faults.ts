import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { useErrorText } from '../../shell/Notice';

/** What went wrong with somebody's data, in words. */
export function useFault(): (error: unknown) => string {
  const { t } = useTranslation();
  const plain = useErrorText();
  return (error) => {
    if (!(error instanceof ApiError)) return plain(error);
    if (error.code === 'still_open') return t('personal.error.stillOpen');
    if (error.code === 'running') return t('personal.error.running');
    if (error.status === 422) return t('personal.error.number');
    return plain(error);
  };
}
