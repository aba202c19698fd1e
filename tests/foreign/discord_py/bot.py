"""A discord.py bot at the sandbox: says what it sees, one JSON object a line, and answers what it is asked."""

import json
import os

import discord
import yarl
from discord import app_commands

base = os.environ["SANDBOX"]
discord.http.Route.BASE = base + "/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(base.replace("http", "ws", 1))

intents = discord.Intents.none()
intents.guilds = intents.members = intents.messages = intents.message_content = True
client = discord.Client(intents=intents)
tree = app_commands.CommandTree(client)


def tell(**what):
    print(json.dumps(what), flush=True)


class Again(discord.ui.View):
    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction, button):
        await interaction.response.edit_message(content="Hello again, " + interaction.user.display_name, view=None)


@tree.command(name="greet", description="Greets somebody")
async def greet(interaction: discord.Interaction, who: discord.Member):
    await interaction.response.send_message("Hello, " + who.display_name, view=Again(), ephemeral=True)


@client.event
async def on_ready():
    guild = client.guilds[0]
    tell(
        guild=guild.name,
        channels=sorted(channel.name for channel in guild.text_channels),
        roles=sorted(role.name for role in guild.roles),
        members={member.display_name: sorted(role.name for role in member.roles) for member in guild.members},
    )
    await tree.sync()


@client.event
async def on_message(message):
    if message.author != client.user:
        await message.reply("You said: " + message.content)


client.run(os.environ["TOKEN"], log_handler=None)
