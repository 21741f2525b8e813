import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/client';
import { useErrorText } from '../../shell/Notice';
import { idOf } from './queries';

const USUAL_WAIT_S = 30;

/** What went wrong with a report, and what to do. */
export function useFaultText(): (error: unknown) => string {
  const { t } = useTranslation();
  const text = useErrorText();
  return (error) => {
    if (!(error instanceof ApiError)) return text(error);
    if (error.status === 429) {
      return t('reports.fault.busy', { seconds: error.retryAfter ?? USUAL_WAIT_S });
    }
    if (error.status === 422) return t('reports.fault.period');
    if (error.code === 'pdf_unavailable') return t('reports.fault.pdf_unavailable');
    if (error.code === 'internal') return t('reports.fault.internal', { id: idOf(error) });
    return text(error);
  };
}
