/** The texts that only some pages need: they come with these pages, see ../add.ts. */
import contacts from './contacts.json';
import evidence from './evidence.json';
import indicators from './indicators.json';
import reports from './reports.json';

export default { ...contacts, ...evidence, ...indicators, ...reports };
