// The models of the application before SCIM.
import {
  type CreationOptional,
  DataTypes,
  type InferAttributes,
  type InferCreationAttributes,
  Model,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';

class Member extends Model<InferAttributes<Member>, InferCreationAttributes<Member>> {
  declare id: CreationOptional<number>;
  declare email: string;
  declare displayName: string | null;
  declare title: string | null;
  declare maySignIn: CreationOptional<number>;
  declare createdAt: string;
  declare deletedAt: string | null;
  declare teams?: NonAttribute<Team[]>;
}

class Team extends Model<InferAttributes<Team>, InferCreationAttributes<Team>> {
  declare id: CreationOptional<number>;
  declare name: string;
  declare createdAt: string;
}

export function defineModels(orm: Sequelize) {
  const options = { sequelize: orm, underscored: true, timestamps: false } as const;
  const id = { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true } as const;
  Member.init(
    {
      id,
      email: { type: DataTypes.TEXT, allowNull: false },
      displayName: DataTypes.TEXT,
      title: DataTypes.TEXT,
      maySignIn: { type: DataTypes.INTEGER, allowNull: false, defaultValue: 1 },
      createdAt: { type: DataTypes.TEXT, allowNull: false },
      deletedAt: DataTypes.TEXT,
    },
    { ...options, tableName: 'members' },
  );
  Team.init(
    {
      id,
      name: { type: DataTypes.TEXT, allowNull: false, unique: true },
      createdAt: { type: DataTypes.TEXT, allowNull: false },
    },
    { ...options, tableName: 'teams' },
  );
  const through = { through: 'team_members', timestamps: false } as const;
  Member.belongsToMany(Team, { ...through, as: 'teams', foreignKey: 'member_id', otherKey: 'team_id' });
  Team.belongsToMany(Member, { ...through, as: 'members', foreignKey: 'team_id', otherKey: 'member_id' });
  return { Member, Team };
}
