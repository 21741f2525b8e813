/** Short names for the generated shapes; nothing here repeats what the schema says. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Call = Schemas['CallOut'];
export type CallDetail = Schemas['CallDetailOut'];
export type CallPage = Schemas['CallPage'];
export type CallCount = Schemas['CallCount'];
export type Finding = Schemas['FindingOut'];
export type BlindInterval = Schemas['BlindIntervalOut'];
export type Fact = Schemas['FactOut'];
export type Visit = Schemas['VisitOut'];
export type Stay = Schemas['VoiceServerStayOut'];
export type Verdict = Call['verdict'];
export type Exit = NonNullable<Visit['exit']>;
export type Ratio = Schemas['RatioOut'];
export type QueueFigures = Schemas['QueueFigures'];
export type CommitmentFigures = Schemas['CommitmentFigures'];
export type LiveQueue = Schemas['LiveQueue'];
export type LiveMember = Schemas['LiveMember'];
export type MemberState = LiveMember['state'];
export type LivePbx = Schemas['LivePbx'];
export type LinkState = LivePbx['state'];
export type LiveSystem = Schemas['LiveSystem'];
export type LiveOverflow = Schemas['LiveOverflow'];
export type Decision = Schemas['DecisionOut'];
export type Command = Schemas['CommandOut'];
export type Alert = Schemas['AlertOut'];
export type TrendPoint = Schemas['TrendPoint'];
export type LiveScope = Schemas['LiveScope'];
export type LiveMessage = Schemas['LiveMessage'];
export type Snapshot = Schemas['Snapshot'];
export type Delta = Schemas['Delta'];
export type Change = Delta['changes'][number];
export type Session = Schemas['SessionOut'];
export type OverflowRule = Schemas['OverflowRule'];
export type RuleOut = Schemas['RuleOut'];
export type RuleVersion = Schemas['RuleVersionOut'];
export type Action = Schemas['Action'];
export type Condition = Schemas['Condition'];
export type OpeningHours = Schemas['OpeningHours'];
export type Simulation = Schemas['SimulationOut'];
export type Settings = Schemas['SettingsOut'];
export type PbxItem = Schemas['PbxItem'];
export type PbxIn = Schemas['PbxIn'];
export type QueueItem = Schemas['QueueItem'];
export type QueueSettings = Schemas['Queue'];
export type VoiceServerItem = Schemas['VoiceServerItem'];
export type VoiceServerSettings = Schemas['VoiceServer'];
export type CalendarItem = Schemas['CalendarItem'];
export type CalendarSettings = Schemas['Calendar'];
export type TeamItem = Schemas['TeamItem'];
export type TeamSettings = Schemas['Team'];
export type CommitmentSettings = Schemas['Commitment'];
export type CentreSettings = Schemas['Centre'];
export type SettingsChange = Schemas['ChangeOut'];
export type ImportResult = Schemas['ImportOut'];
export type PbxTest = Schemas['PbxTestOut'];
export type PbxCheck = Schemas['CheckOut'];
export type Policy = Schemas['PolicyOut'];
export type PolicyCalendar = Schemas['PolicyCalendar'];
export type Problem = Schemas['Problem'];
export type FieldCode = Schemas['FieldCodeOut'];

export const VERDICTS: readonly Verdict[] = [
  'pending',
  'met',
  'breached',
  'abandoned',
  'refused',
  'excluded',
  'unknown',
];
