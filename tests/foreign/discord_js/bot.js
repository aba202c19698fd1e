// A discord.js bot at the sandbox: says what it sees, one JSON object a line, and answers what it is asked.
const { ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, ChannelType, GatewayIntentBits, MessageFlags } =
    require("discord.js");

const { Guilds, GuildMembers, GuildMessages, MessageContent } = GatewayIntentBits;
const client = new Client({
    intents: [Guilds, GuildMembers, GuildMessages, MessageContent],
    rest: { api: process.env.SANDBOX + "/api" },
});
const sorted = (names) => [...names].sort();

client.once("clientReady", async () => {
    const guild = client.guilds.cache.first();
    const members = await guild.members.fetch();
    const texts = guild.channels.cache.filter((channel) => channel.type === ChannelType.GuildText);
    console.log(JSON.stringify({
        guild: guild.name,
        channels: sorted(texts.map((channel) => channel.name)),
        roles: sorted(guild.roles.cache.map((role) => role.name)),
        members: Object.fromEntries(members.map((member) => [
            member.displayName, sorted(member.roles.cache.map((role) => role.name)),
        ])),
    }));
    await client.application.commands.set([{
        name: "greet", description: "Greets somebody",
        options: [{ type: 6, name: "who", description: "Whom", required: true }],
    }]);
});

client.on("messageCreate", async (message) => {
    if (message.author.id !== client.user.id) await message.reply("You said: " + message.content);
});

client.on("interactionCreate", async (interaction) => {
    if (interaction.isChatInputCommand()) {
        const button = new ButtonBuilder().setCustomId("again").setLabel("Again").setStyle(ButtonStyle.Primary);
        await interaction.reply({
            content: "Hello, " + interaction.options.getMember("who").displayName,
            components: [new ActionRowBuilder().addComponents(button)],
            flags: MessageFlags.Ephemeral,
        });
    } else if (interaction.isButton()) {
        await interaction.update({ content: "Hello again, " + interaction.member.displayName, components: [] });
    }
});

client.login(process.env.TOKEN);
