/** Whether each agent's time is kept. */
import { client, unwrap } from '../../../api/client';
import type { components } from '../../../api/schema';

type Schemas = components['schemas'];
export type FigureSettings = Schemas['FigureSettings'];

const ifMatch = (version: number) => ({ 'if-match': `"${version}"` });

export const saveFigures = (body: FigureSettings, version: number) =>
  unwrap(client.PUT('/api/v1/settings/figures', { params: { header: ifMatch(version) }, body }));
