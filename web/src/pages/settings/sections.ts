/** The sections of the settings, in the order in which they are shown. */
export const SECTIONS = [
  { name: 'pbxs', apart: false },
  { name: 'queues', apart: false },
  { name: 'commitment', apart: false },
  { name: 'centre', apart: false },
  { name: 'voice-servers', apart: false },
  { name: 'hours', apart: false },
  { name: 'rules', apart: false },
  { name: 'teams', apart: false },
  { name: 'users', apart: true },
  { name: 'tokens', apart: false },
  { name: 'changes', apart: true },
  { name: 'transfer', apart: false },
  { name: 'personal-data', apart: false },
] as const;

export type SectionName = (typeof SECTIONS)[number]['name'];

/** A draft's key begins with its section: `rules/support-to-backup`. */
export const sectionOfDraft = (key: string): string => key.split('/')[0] ?? '';
