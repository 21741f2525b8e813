/** What is not an indicator, and belongs to a period: its voice servers, its policy versions. */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { policyPath } from '../paths';
import styles from './Indicators.module.css';
import type { PeriodFigures } from './queries';

const COUNTS = ['reached', 'with_input', 'ended_there', 'left_without'] as const;
const CODES = {
  reached: 'voice_reached',
  with_input: 'voice_with_input',
  ended_there: 'voice_ended_there',
  left_without: 'voice_left_without',
} as const;

export function VoiceServers({ figures }: { figures: PeriodFigures }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (figures.voice_servers.length === 0) return null;
  return (
    <div className={styles.panel}>
      <h2 id="voice-title">{t('indicators.voiceTitle')}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={styles.wide} tabIndex={0} aria-labelledby="voice-title">
        <table className={styles.list}>
          <thead className={styles.thin}>
            <tr>
              <th scope="col">{t('indicators.voiceServer')}</th>
              {COUNTS.map((name) => (
                <th key={name} scope="col">
                  {t(`indicators.name.${CODES[name]}`)}
                </th>
              ))}
              <th scope="col">{t('indicators.name.voice_average_time')}</th>
            </tr>
          </thead>
          <tbody>
            {figures.voice_servers.map((server) => (
              <tr key={server.name}>
                <th scope="row">{server.name}</th>
                {COUNTS.map((name) => (
                  <td key={name}>{format.integer(server[name])}</td>
                ))}
                <td>{server.average_s === null ? '–' : span(server.average_s * 1_000)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

export function Policies({ figures }: { figures: PeriodFigures }) {
  const { t } = useTranslation();
  const format = useFormat();
  const versions = Object.entries(figures.policy_versions).sort(
    ([a], [b]) => Number(a) - Number(b),
  );
  if (versions.length === 0) return null;
  return (
    <section className={styles.panel} aria-labelledby="policies-title">
      <h2 id="policies-title">{t('indicators.policiesTitle')}</h2>
      <p className={styles.note}>{t('indicators.policiesHelp')}</p>
      <ul className={styles.versions}>
        {versions.map(([version, calls]) => (
          <li key={version}>
            <Link to={policyPath(Number(version))}>{t('indicators.version', { version })}</Link>{' '}
            <span className={styles.note}>
              {t('indicators.versionCalls', { count: calls, number: format.integer(calls) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
