import { testTable } from './support/table.mts';

testTable('jobs');
