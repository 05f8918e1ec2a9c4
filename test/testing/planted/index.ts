import type { PlantedFault } from './alter.js';
import { filterFaults } from './filters.js';
import { identityFaults } from './identities.js';
import { memberFaults } from './members.js';
import { pageFaults } from './pages.js';
import { processFaults } from './processes.js';
import { valueFaults } from './values.js';
import { versionFaults } from './versions.js';

export const plantedFaults: readonly PlantedFault[] = [
  ...[valueFaults, filterFaults, pageFaults].flat(),
  ...[versionFaults, memberFaults, identityFaults, processFaults].flat(),
];
