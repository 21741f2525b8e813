import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';

const [KB, MB, GB] = [1e3, 1e6, 1e9];

/** How many bytes, as people say it. */
export function useSize(): (bytes: number) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (bytes) => {
    const unit = bytes >= GB ? 'gb' : bytes >= MB ? 'mb' : 'kb';
    const n = bytes / { kb: KB, mb: MB, gb: GB }[unit];
    return t(`evidence.bytes.${unit}`, {
      n: format.integer(n < 10 ? Math.round(n * 10) / 10 : Math.round(n)),
    });
  };
}
